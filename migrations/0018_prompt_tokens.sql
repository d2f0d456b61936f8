alter table generations
  add column prompt_tokens integer not null default 0; -- an estimate, for a run whose server does not live to tell
