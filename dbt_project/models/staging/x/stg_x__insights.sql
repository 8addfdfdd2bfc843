{{ stage_insights('x') }}
