-- Who makes a call that is no run, for whoever cleans up when that server is gone.
alter table usage_entries add column owner bigint;
create index usage_entries_unsettled on usage_entries (owner) where settled_at is null and owner is not null;

-- What such calls had reserved, and nobody could give back.
with lost as (
  update usage_entries e set settled_at = now()
  where settled_at is null and not exists (select from generations g where g.id = e.id)
  returning user_id, reserved_tokens
)
update usage_accounts a set tokens_reserved = greatest(a.tokens_reserved - l.tokens, 0)
from (select user_id, sum(reserved_tokens) as tokens from lost group by 1) l
where a.user_id = l.user_id;
