'use strict';

// How ari-client opens its WebSocket again when it has closed: ten times, also after it was told to stop, then never. Here
// it does not. selfprov opens a new connection, as often as it takes (src/asterisk/link/link.ts).
exports.create = () => () => false;
