{{ config(meta={'distributed_by': 'account_id'}) }}
-- What is open was read in the scans since: the readings of settled posts are left where they are.
{{ union_platforms('posts', [
    'account_id', 'post_id', 'scan_on', 'message_kind', 'in_reply_to_id',
    'reactions', 'comments', 'shares', 'quotes', 'created_at', 'observed_at'
], where=open_scans()) }}
