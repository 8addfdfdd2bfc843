{{ stage_insights('instagram') }}
