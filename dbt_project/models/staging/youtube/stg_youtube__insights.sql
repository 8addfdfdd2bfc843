{{ stage_insights('youtube', 'America/Los_Angeles') }}
