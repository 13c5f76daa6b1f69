/** JSON Schemas: what they say is checked at run time and, through the type provider, by the compiler. */

const password = { type: 'string', minLength: 1 } as const;

export const greeting = {
  response: {
    200: {
      type: 'object',
      properties: { message: { type: 'string' } },
      required: ['message'],
      additionalProperties: false,
    },
  },
} as const;

export const hashing = {
  body: {
    type: 'object',
    properties: { password },
    required: ['password'],
    additionalProperties: false,
  },
  response: {
    200: {
      type: 'object',
      properties: { hash: { type: 'string' } },
      required: ['hash'],
      additionalProperties: false,
    },
  },
} as const;

export const verifying = {
  body: {
    type: 'object',
    properties: { password, hash: { type: 'string' } },
    required: ['password', 'hash'],
    additionalProperties: false,
  },
  response: {
    200: {
      type: 'object',
      properties: { valid: { type: 'boolean' } },
      required: ['valid'],
      additionalProperties: false,
    },
  },
} as const;
