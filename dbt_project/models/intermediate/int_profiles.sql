{{ config(meta={'distributed_by': 'account_id'}) }}
{{ union_platforms('profiles', ['account_id', 'scan_on', 'followers', 'observed_at'], where=open_scans(33)) }}
