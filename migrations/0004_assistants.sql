-- Assistants: a model with instructions, private, in the public gallery, a template of the administrators or
-- shipped with Parley; prompt templates; and providers as users configured them.

create table assistants (
  id uuid primary key,
  owner_id uuid references users on delete cascade,
  name text not null,
  model_id text, -- null: the server's default
  model_name text,
  visibility text not null default 'private' check (visibility in ('private', 'public', 'template', 'built_in')),
  category text, -- of the built-in ones; others are listed under their first tag
  description text not null,
  system_prompt text not null,
  avatar text not null,
  temperature double precision, -- this and the next four: null unless somebody chose a value
  max_tokens int,
  top_p double precision,
  frequency_penalty double precision,
  presence_penalty double precision,
  tags text[] not null,
  uses_count bigint not null default 0,
  saves_count bigint not null default 0,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  check ((owner_id is null) = (visibility = 'built_in')),
  check ((model_id is null) = (model_name is null))
);

create index assistants_by_owner on assistants (owner_id, updated_at desc, id desc);
-- The gallery and the templates: everything else about them is filtered and sorted in memory.
create index assistants_by_visibility on assistants (visibility, uses_count desc, id desc)
  where visibility <> 'private';

-- How an assistant is mentioned in channels: its name in small letters, with hyphens for spaces and punctuation.
create function assistant_username(name text) returns text language sql immutable parallel safe
return trim(both '-' from regexp_replace(lower(name), '[[:space:][:punct:]]+', '-', 'g'));

create table assistant_saves (
  user_id uuid not null references users on delete cascade,
  assistant_id uuid not null references assistants on delete cascade,
  created_at timestamptz(3) not null,
  primary key (user_id, assistant_id)
);

create index assistant_saves_by_assistant on assistant_saves (assistant_id); -- for the cascade

-- A trigger, because the saves of a deleted user go by cascade and must leave the count.
create function update_saves_count() returns trigger language plpgsql as $$
begin
  update assistants set saves_count = saves_count + case tg_op when 'INSERT' then 1 else -1 end
  where id = coalesce(new.assistant_id, old.assistant_id);
  return null;
end $$;

create trigger update_saves_count after insert or delete on assistant_saves
  for each row execute function update_saves_count();

-- Prompts with variables, written by administrators for everyone. So few that they need no index.
create table prompt_templates (
  id uuid primary key,
  name text not null,
  category text not null,
  template_text text not null,
  variables text[] not null,
  description text not null,
  usage_count bigint not null default 0,
  is_active boolean not null default true,
  created_at timestamptz(3) not null
);

create table provider_configs (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  provider text not null,
  enabled boolean not null,
  default_model text,
  base_url text,
  api_key text, -- encrypted (domain/shared/SecretBox.ts)
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  unique (user_id, provider)
);
