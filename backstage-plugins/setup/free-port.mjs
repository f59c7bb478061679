import { createServer } from 'node:net';

/** The port itself if it is free, any free one for 0; undefined when it is taken. */
export const freePort = (wanted = 0, host = '127.0.0.1') =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    probe.listen(wanted, host, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
