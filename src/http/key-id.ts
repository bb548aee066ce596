// By which key a request came: for the line that is logged of it. The name of the key, never the key.
declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined until a valid key was found. */
    keyId?: string;
  }
}

export {};
