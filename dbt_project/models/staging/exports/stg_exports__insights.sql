-- A figure that stands in several files is one row: that of the latest export, and of one day's
-- exports the file that was loaded last. A lifetime counter ends on the day it was observed on, so
-- each day's export is a reading of its own.
select distinct on (
    insights.account_id, insights.post_id, insights.metric_name, insights.period,
    insights.start_on, insights.end_on
)
    insights.account_id,
    insights.platform,
    nullif(insights.post_id, '') as post_id,
    insights.metric_name,
    insights.metric_basis,
    insights.period,
    'file' as source,
    files.file_name,
    files.file_hash,
    insights.file_line,
    insights.file_column,
    insights.value,
    nullif(insights.start_on, '-infinity') as start_on,
    insights.end_on,
    insights.observed_on,
    files.imported_at
from {{ source('raw', 'import_insights') }} as insights
inner join {{ source('raw', 'import_files') }} as files
    on insights.import_id = files.import_id
order by
    insights.account_id, insights.post_id, insights.metric_name, insights.period,
    insights.start_on, insights.end_on, insights.observed_on desc, insights.import_id desc
