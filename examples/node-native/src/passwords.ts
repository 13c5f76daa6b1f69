import argon2 from 'argon2';

// OWASP's minimum for argon2id: 19 MiB, 2 iterations, no parallelism.
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => argon2.hash(password, options);

// Hashing anyway keeps the answer for an unknown name from being faster.
const nobody = hashPassword('nobody');

export async function verifyPassword(hash: string | undefined, password: string): Promise<boolean> {
  const valid = await argon2.verify(hash ?? (await nobody), password);
  return valid && hash !== undefined;
}
