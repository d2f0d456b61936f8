-- Conversations, their messages, and the generations that write the answers.

-- Text as searches compare it: in NFC and without case, in any script. Normalizing takes five times as
-- long as changing the case, so it is left out where the text is in NFC already.
create function search_text(content text) returns text
language sql immutable parallel safe
return upper(
  case
    when octet_length(content) = length(content) or content is nfc normalized then content
    else normalize(content, nfc)
  end collate "und-x-icu"
) collate "C";

-- The same prompts to several assistants side by side. Each assistant answers in a lane: a conversation
-- that belongs to the session and appears in no list.
create table arena_sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  title text not null,
  is_titled boolean not null, -- false until the first prompt gives the title
  assistant_ids uuid[] not null, -- by lane; an id stays when its assistant is deleted
  duplicate_prompts int not null default 0, -- messages of all lanes that repeat a prompt of another lane
  created_at timestamptz(3) not null,
  active_at timestamptz(3) not null -- last prompt, or creation
);

create index arena_sessions_by_user on arena_sessions (user_id, active_at desc, id desc);

create table conversations (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  assistant_id uuid references assistants on delete set null,
  arena_session_id uuid references arena_sessions on delete cascade,
  lane smallint,
  project_id uuid references projects on delete set null, -- whose members may read it
  title text not null,
  -- Searches read all titles of a user: comparing 100,000 of them takes 35 ms, and 85 when each is converted.
  search_title text generated always as (search_text(title)) stored,
  is_titled boolean not null default true, -- false while the model may still generate a title
  folder_id text,
  tags text[] not null default '{}',
  is_pinned boolean not null default false,
  is_archived boolean not null default false,
  favorited_at timestamptz(3),
  hidden_at timestamptz(3), -- when it was removed from the history; a later message shows it again
  message_count int not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  last_message_id uuid,
  last_message_at timestamptz(3),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3), -- the last change of the conversation itself, such as of its title
  active_at timestamptz(3) generated always as (coalesce(last_message_at, created_at)) stored,
  check ((arena_session_id is null) = (lane is null))
);

-- The list of a user in its default order. Other orders and filters read one user's rows by it.
create index conversations_by_activity
  on conversations (user_id, is_archived, is_pinned desc, active_at desc, id desc)
  where arena_session_id is null;
create unique index conversations_by_lane on conversations (arena_session_id, lane)
  where arena_session_id is not null;
create index conversations_by_project on conversations (project_id) -- for the foreign key, and a project's list
  where project_id is not null;
create index conversations_by_assistant on conversations (assistant_id) -- for the foreign key
  where assistant_id is not null;

-- Positions run from 0 without gaps and times rise with them: a page is a range of positions and
-- costs the same wherever it is.
create table messages (
  id uuid primary key,
  conversation_id uuid not null references conversations on delete cascade,
  user_id uuid not null, -- the conversation's, for searches; no foreign key, it goes with the conversation
  position int not null,
  role text not null check (role in ('user', 'assistant')),
  content text not null,
  attachments jsonb not null default '[]',
  edit_history jsonb not null default '[]',
  is_searchable boolean not null default true, -- false while the answer is being written
  created_at timestamptz(3) not null,
  constraint messages_position unique (conversation_id, position) deferrable initially immediate
);

create index messages_by_user on messages (user_id, created_at desc, id desc);

-- Search in messages has an index of its own. Among 1,000,000 messages of one user, pg_trgm with btree_gin
-- takes 0.8 s for a common word, and 1 to 8 s for rare terms that have no trigrams: one or two characters,
-- emoji, punctuation. This takes 2 to 65 ms.

-- Every three characters in a row of a message, and the last two and the last one: whatever it contains
-- is the beginning of some of them. Each message also has its user, and its user with its day (UTC, from
-- 1970), so that a search reads nobody else's and can begin with the latest. A text near the size limit
-- of a tsvector is marked as long instead.
create function search_trigrams(owner uuid, at timestamptz, content text) returns tsvector
language sql immutable parallel safe cost 100
begin atomic
  select array_to_tsvector(
    array[mark, mark || ' ' || (at at time zone 'UTC')::date - date '1970-01-01'] || case
      when octet_length(text) > 300000 then array[mark || ' long']
      else array_remove(string_to_array(
        regexp_replace(text, '...', e'\\&\x01', 'g') || e'\x01' ||
        regexp_replace(substr(text, 2), '...', e'\\&\x01', 'g') || e'\x01' ||
        regexp_replace(substr(text, 3), '...', e'\\&\x01', 'g'),
        e'\x01'
      ), '')
    end)
  from (select e'\x01' || owner as mark, translate(search_text(content), e'\x01', ' ') as text) as input;
end;

-- A user's messages that may contain a term: those with its trigrams, or of a long term about 24 of them.
-- A term of one or two characters is the beginning of trigrams.
create function search_query(owner uuid, term text) returns tsquery
language sql immutable strict parallel safe
begin atomic
  select format(e'\'\x01%1$s\' & (\'\x01%1$s long\' | %2$s)', owner, coalesce(string_agg(
    '''' || replace(replace(gram, '\', '\\'), '''', '''''') || case when length(gram) < 3 then ''':*' else '''' end, ' & '
  ), format(e'\'\x01%s\'', owner)))::tsquery
  from (select translate(search_text(term), e'\x01', ' ') as text) as input,
    lateral (
      select substr(text, start, 3) as gram from generate_series(1, length(text) - 2, length(text) / 24 + 1) as start
      union
      select substr(text, greatest(length(text) - 2, 1))
    ) as grams
  where gram <> '';
end;

-- A user's messages of some days.
create function search_days(owner uuid, days int[]) returns tsquery
language sql immutable strict parallel safe
begin atomic
  select string_agg(format(e'\'\x01%s %s\'', owner, day), ' | ')::tsquery from unnest(days) as day;
end;

create index messages_search on messages using gin (search_trigrams(user_id, created_at, content))
  with (gin_pending_list_limit = 512) where is_searchable; -- kB; every search reads the pending list
alter index messages_search alter column 1 set statistics 0; -- estimates from it mislead the planner

create table generations (
  id uuid primary key,
  user_id uuid not null, -- the conversation's; no foreign key, it goes with the prompt
  conversation_id uuid not null,
  prompt_id uuid not null references messages on delete cascade,
  answer_id uuid references messages on delete cascade, -- null: empty, and deleted
  model text not null,
  state text not null default 'running'
    check (state in ('running', 'completed', 'stopped', 'failed', 'interrupted')),
  owner bigint not null, -- the advisory lock held by the node that writes the answer
  prompt_tokens int not null default 0, -- an estimate, charged if the node dies
  stop_requested_at timestamptz(3),
  started_at timestamptz(3) not null,
  ended_at timestamptz(3)
);

create index generations_by_conversation on generations (conversation_id, started_at desc);
create index generations_by_prompt on generations (prompt_id); -- for the cascade
create index generations_by_answer on generations (answer_id);
create index generations_running on generations (owner) where state = 'running';

-- The event log of a generation, in batches under the number of their first event.
create table generation_log (
  generation_id uuid not null references generations on delete cascade,
  first_seq int not null,
  events json not null,
  primary key (generation_id, first_seq)
);

-- What a model reasoned before and within its answer, which is no part of it, in pieces under the number of
-- UTF-16 code units before them. Deleted with the log.
create table generation_reasoning (
  generation_id uuid not null references generations on delete cascade,
  first_offset int not null,
  text text not null,
  primary key (generation_id, first_offset)
);

-- Links to shared conversations. The id is 128 random bits: knowing it is the permission to read, so only its
-- hash is stored. A row outlives what it linked to, and then holds nothing else, so that the link is answered
-- with "gone".
create table shares (id_hash bytea primary key);

-- What a link shows: a conversation as it was when it was shared, messages as [{role, content, createdAt}].
create table shared_conversations (
  share_hash bytea primary key references shares on delete cascade,
  share_id text not null, -- encrypted (domain/shared/SecretBox.ts), for its owner to read again
  conversation_id uuid not null references conversations on delete cascade,
  title text not null,
  messages json not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) -- null: never
);

create index shared_conversations_by_conversation on shared_conversations (conversation_id); -- for the cascade
