with scans as (
    select distinct
        platform,
        scan_on
    from {{ ref('fct_scan') }}
    where {{ open('platform', 'scan_on') }}
),

-- every account that the register had on that day, scanned or not
accounts as (
    select
        scans.platform,
        scans.scan_on,
        accounts.account_id,
        count(*) over (partition by scans.platform, scans.scan_on) as accounts_registered
    from scans
    inner join {{ ref('dim_account') }} as accounts
        on scans.platform = accounts.platform and {{ valid_on('accounts', 'scans.scan_on') }}
),

endings as (
    select
        accounts.platform,
        accounts.scan_on,
        accounts.accounts_registered,
        coalesce(results.is_ok, false) as is_ok,
        case
            when results.account_id is null then 'not_attempted'
            when results.is_ok then 'none'
            else results.reason
        end as reason,
        results.observed_at
    from accounts
    left join {{ ref('fct_scan') }} as results
        on
            accounts.account_id = results.account_id
            and accounts.scan_on = results.scan_on
            and {{ open('platform', 'results.scan_on', 'results') }}
)

select
    platform,
    scan_on,
    accounts_registered::integer as accounts_registered,
    count(*) filter (where is_ok)::integer as accounts_ok,
    count(*) filter (where not is_ok)::integer as accounts_failed,
    reason,
    max(observed_at) as last_observed_at
from endings
group by platform, scan_on, accounts_registered, reason
