{{ stage_insights('facebook') }}
