/** How forms look that fill a page. */
export const formStyle = `
main { max-width: 24rem; }
form { display: grid; gap: 1rem; margin-top: 1.5rem; }
label { display: grid; gap: .375rem; font-weight: 600; }
input {
  width: 100%; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--background);
  border: 1px solid var(--border); border-radius: .5rem;
}
button {
  padding: .5rem 1rem; font: inherit; font-weight: 600; color: var(--on-accent); background: var(--accent);
  border: 0; border-radius: .5rem; cursor: pointer;
}
[role="alert"] { margin: 1rem 0 0; color: var(--danger); }
`
