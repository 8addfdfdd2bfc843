"""Bad rows for gate 2's rules of surveys."""

from tests.pipeline.bad_rows import Row, Rows, miss

SURVEYS = "reporting.rpt_survey_share"


def survey_rows() -> Rows:
    """For each rule of expectations/reporting_surveys.py: surveys that nobody else knows."""

    def survey(name: str, metric: str, basis: str, n: int, share: str = "0.5") -> Row:
        return name, (
            f"insert into {SURVEYS} (survey_id, question_code, group_id, metric_id, basis, n,"
            f" share) values ('{name}', 'Q1', 'all', '{metric}', '{basis}', {n}, {share})"
        )

    return {
        "surveys_stand_apart": [
            survey("of-the-census", "M50", "census", 100),
            survey("of-another-metric", "M05", "survey", 100),
            miss(survey("apart", "M50", "survey", 100)),
        ],
        "small_surveys_are_suppressed": [
            survey("of-four", "M50", "survey", 4),
            miss(survey("of-five", "M50", "survey", 5)),
            miss(survey("of-four-hidden", "M50", "survey", 4, "null")),
        ],
    }
