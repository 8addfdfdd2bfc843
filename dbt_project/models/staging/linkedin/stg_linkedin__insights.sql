{{ stage_insights('linkedin') }}
