const list = document.getElementById('links');

async function show() {
  const links = await (await fetch('/links')).json();
  list.replaceChildren(
    ...links.map(({ id, url, visits }) => {
      const item = document.createElement('li');
      item.textContent = `${location.origin}/${id} → ${url} (${visits})`;
      return item;
    }),
  );
}

document.getElementById('new').addEventListener('submit', async (event) => {
  event.preventDefault();
  const url = new FormData(event.target).get('url');
  await fetch('/links', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ url }) });
  event.target.reset();
  await show();
});

show();
