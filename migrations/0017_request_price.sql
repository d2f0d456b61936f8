alter table usage_entries
  add column request_price numeric; -- of a call beside its tokens, as it was known when the call was made
