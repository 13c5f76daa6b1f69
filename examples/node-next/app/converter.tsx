'use client';

import { useEffect, useState } from 'react';

export function Converter({ kinds }: { kinds: Record<string, string[]> }) {
  const [from, setFrom] = useState('mi');
  const [to, setTo] = useState('km');
  const [value, setValue] = useState('1');
  const [result, setResult] = useState('');

  useEffect(() => {
    const abort = new AbortController();
    fetch(`/api/convert?${new URLSearchParams({ value, from, to })}`, { signal: abort.signal })
      .then((response) => response.json())
      .then(({ result, error }) => setResult(error ?? `${result} ${to}`))
      .catch(() => {});
    return () => abort.abort();
  }, [value, from, to]);

  const options = Object.entries(kinds).map(([kind, units]) => (
    <optgroup key={kind} label={kind}>
      {units.map((unit) => (
        <option key={unit}>{unit}</option>
      ))}
    </optgroup>
  ));

  return (
    <p>
      <input
        aria-label="value"
        type="number"
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />{' '}
      <select aria-label="from" value={from} onChange={(event) => setFrom(event.target.value)}>
        {options}
      </select>{' '}
      in{' '}
      <select aria-label="to" value={to} onChange={(event) => setTo(event.target.value)}>
        {options}
      </select>
      : <output>{result}</output>
    </p>
  );
}
