'use strict';

// The HTTP client of swagger-client, which loads it with its first request. selfprov makes the requests itself
// (src/asterisk/ari/http.ts): whoever gets here has gone around that.
throw new Error('swagger-client makes no requests of its own here');
