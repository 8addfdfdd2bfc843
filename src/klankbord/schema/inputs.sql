-- What people hand in besides exports: surveys and incidents. Written by klankbord.imports.survey
-- and klankbord.imports.incidents alone (docs/inputs.md).
create table if not exists raw.surveys (
    survey_id text primary key,
    title text not null,
    year integer not null,
    digest text not null, -- of the file and its mapping: the same two again change nothing
    responses integer not null check (responses >= 0),
    incomplete integer not null,
    repeated integer not null,
    without_organisation integer not null,
    file_name text not null,
    imported_at timestamptz not null
);
-- how many of each type were asked: response rates divide by it
create table if not exists raw.survey_addressed (
    survey_id text not null,
    country text not null,
    organisation_type text not null,
    addressed integer not null check (addressed > 0),
    primary key (survey_id, country, organisation_type)
);
-- where only a part of the country was asked: those regions; NULL is the whole country
alter table raw.survey_addressed add column if not exists region_codes text[];
-- one row an answer; free text is never stored, its length at most. label: of the mapping
create table if not exists raw.survey_answers (
    survey_id text not null,
    organisation_id text not null,
    question_code text not null,
    subquestion_code text not null,
    kind text not null check (kind in ('single', 'multiple', 'number', 'scale', 'text')),
    question text not null,
    subquestion text not null,
    answer_code text,
    label text,
    value numeric,
    submitted_on date,
    file_name text not null,
    file_line integer not null,
    imported_at timestamptz not null,
    primary key (survey_id, organisation_id, question_code, subquestion_code)
);
-- who took part, also without an answer to any question that is kept
create table if not exists raw.survey_responses (
    survey_id text not null,
    organisation_id text not null,
    submitted_on date,
    file_name text not null,
    file_line integer not null,
    imported_at timestamptz not null,
    primary key (survey_id, organisation_id)
);

-- logs of fire brigades and police, at the grain of a municipality
create table if not exists raw.incidents (
    source text not null,
    incident_id text not null,
    alarmed_at timestamptz not null,
    country text not null,
    organisation_id text not null, -- the municipality where it was
    latitude numeric(4, 2), -- two decimals, about a kilometre: no address follows from it
    longitude numeric(5, 2),
    kind text not null,
    scale_system text,
    scale text,
    scale_level integer,
    has_large_impact boolean,
    file_name text not null,
    file_line integer not null,
    imported_at timestamptz not null,
    primary key (source, incident_id)
);
