-- Models with instructions: everyone's own, those shown in the gallery, and administrators' templates.

create extension if not exists pg_trgm;

create table assistants (
  id uuid primary key,
  owner_id uuid not null references users on delete cascade,
  name text not null,
  model_id text not null,
  model_name text not null,
  visibility text not null default 'private' check (visibility in ('private', 'public', 'template')),
  description text not null,
  system_prompt text not null,
  avatar text not null,
  temperature double precision not null,
  max_tokens int not null,
  top_p double precision not null,
  frequency_penalty double precision not null,
  presence_penalty double precision not null,
  tags text[] not null,
  uses_count bigint not null default 0,
  saves_count bigint not null default 0,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

create index assistants_by_owner on assistants (owner_id, updated_at desc, id desc);
create index assistants_most_used on assistants (uses_count desc, id desc) where visibility = 'public';
create index assistants_most_saved on assistants (saves_count desc, id desc) where visibility = 'public';
create index assistants_newest on assistants (created_at desc, id desc) where visibility = 'public';
create index assistants_templates on assistants (created_at desc, id desc) where visibility = 'template';
create index assistants_by_tag on assistants using gin (tags) where visibility = 'public';
create index assistants_by_model on assistants (model_id, uses_count desc, id desc) where visibility = 'public';
create index assistants_search on assistants
  using gin (
    (upper(name collate "und-x-icu") collate "C") gin_trgm_ops,
    (upper(description collate "und-x-icu") collate "C") gin_trgm_ops
  )
  where visibility = 'public';

-- Who keeps which in their collection.
create table assistant_saves (
  user_id uuid not null references users on delete cascade,
  assistant_id uuid not null references assistants on delete cascade,
  created_at timestamptz(3) not null,
  primary key (user_id, assistant_id)
);

create index assistant_saves_newest on assistant_saves (user_id, created_at desc, assistant_id desc);
create index assistant_saves_by_assistant on assistant_saves (assistant_id);

-- The rows themselves keep the count: they also go with the user whose they are.
create function count_saves() returns trigger language plpgsql as $$
begin
  update assistants set saves_count = saves_count + case tg_op when 'INSERT' then 1 else -1 end
  where id = coalesce(new.assistant_id, old.assistant_id);
  return null;
end $$;

create trigger assistant_saves_counted after insert or delete on assistant_saves
  for each row execute function count_saves();
