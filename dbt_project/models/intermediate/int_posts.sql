{{ config(meta={'distributed_by': 'account_id'}) }}
{{ union_platforms('posts', [
    'account_id', 'post_id', 'scan_on', 'message_kind', 'in_reply_to_id',
    'reactions', 'comments', 'shares', 'quotes', 'created_at', 'observed_at'
]) }}
