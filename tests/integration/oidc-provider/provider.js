// An OpenID Connect provider on loopback: oidc-provider from npm, with the clients and resource servers of a bank.
//
//   const bank = await startProvider({ audience: 'vigie' }); // whom its tokens are for
//   const token = await bank.token('analyst', 'es256');   // client credentials of a client that has the role
//   await bank.revoke('analyst', token);                  // at its revocation endpoint
//   GET /login of a vigie leads to its login, where everybody is anna, who is an analyst
//   await bank.stop(); await bank.start();                // on the same port
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const SECRET = 'of-this-test-alone';

// Each is `resource` of a token request (RFC 8707), and says how tokens for it look.
const RESOURCES = {
  es256: { alg: 'ES256' },
  ps256: { alg: 'PS256' },
  ed25519: { alg: 'Ed25519' }, // which vigie does not take
  opaque: {},
  'es256-elsewhere': { alg: 'ES256', away: true },
  'opaque-elsewhere': { away: true },
};
const ROLES = { viewer: ['viewer'], analyst: ['analyst'], admin: ['admin'], brief: ['analyst'] };
const BRIEF_SECONDS = 2;
const PEOPLE = { anna: ['analyst'] };
// Of vigie: of an application on this machine it takes every port.
const LOGIN = {
  application_type: 'native',
  grant_types: ['client_credentials', 'authorization_code'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/login/callback'],
};

function signingKey(alg, type, options) {
  return { ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: alg };
}

function configuration(audience, elsewhere) {
  const client = (id) => ({ client_id: id, client_secret: SECRET, grant_types: ['client_credentials'] });
  return {
    jwks: {
      keys: [
        signingKey('ES256', 'ec', { namedCurve: 'P-256' }),
        signingKey('PS256', 'rsa', { modulusLength: 2048 }),
        signingKey('Ed25519', 'ed25519'),
      ],
    },
    clients: [...[...Object.keys(ROLES), 'nobody', 'by-scope'].map(client), { ...client('vigie'), ...LOGIN }],
    clientDefaults: { redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256' },
    enabledJWA: { idTokenSigningAlgValues: ['ES256', 'PS256', 'Ed25519'] },
    scopes: ['offline_access', 'viewer', 'analyst', 'admin'],
    extraTokenClaims: (_context, token) => ({ roles: ROLES[token.clientId] ?? PEOPLE[token.accountId] ?? [] }),
    findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    ttl: {
      ClientCredentials: (_context, token) => (token.clientId === 'brief' ? BRIEF_SECONDS : 300),
      AccessToken: 300,
      RefreshToken: 300,
      Grant: 300,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: (_context, asking) => asking.clientId === 'vigie' },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: (_context, { clientId }) => (clientId === 'vigie' ? 'urn:bank:es256' : undefined),
        useGrantedResource: () => true,
        getResourceServerInfo(_context, resource) {
          const { alg, away } = RESOURCES[resource.replace('urn:bank:', '')];
          return {
            scope: 'viewer analyst admin',
            audience: away ? elsewhere : audience,
            accessTokenFormat: alg ? 'jwt' : 'opaque',
            jwt: alg ? { sign: { alg } } : undefined,
          };
        },
      },
    },
  };
}

// `elsewhere`: whom its other tokens are for.
export async function startProvider({ audience, elsewhere = 'elsewhere' }) {
  let answer;
  let server;
  const listen = (port) => new Promise((resolve) => {
    server = createServer((request, response) => answer(request, response));
    server.listen(port, '127.0.0.1', resolve);
  });
  await listen(0);
  const { port } = server.address();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, configuration(audience, elsewhere));
  const asked = [];
  const callback = provider.callback();
  // Of its pages: who it is, and whether she agrees.
  const interact = async (request, response) => {
    const { prompt, params, session } = await provider.interactionDetails(request, response);
    const result = { login: { accountId: 'anna' } };
    if (prompt.name === 'consent') {
      const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
      grant.addOIDCScope('openid');
      grant.addResourceScope('urn:bank:es256', 'analyst');
      result.consent = { grantId: await grant.save() };
    }
    await provider.interactionFinished(request, response, result);
  };
  answer = (request, response) => {
    asked.push(request.url);
    if (request.url.startsWith('/interaction/')) interact(request, response).catch((error) => response.destroy(error));
    else callback(request, response);
  };

  const post = async (path, client, form) => {
    const response = await fetch(issuer + path, {
      method: 'POST',
      headers: { authorization: 'Basic ' + Buffer.from(`${client}:${SECRET}`).toString('base64') },
      body: new URLSearchParams(form),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };

  return {
    issuer,
    audience,
    secret: SECRET,
    asked, // the paths of all requests, in their order
    async token(client, resource, scope) {
      const form = { grant_type: 'client_credentials' };
      if (resource) form.resource = `urn:bank:${resource}`;
      if (scope) form.scope = scope;
      return (await (await post('/token', client, form)).json()).access_token;
    },
    // What people have after their login, without the pages of a login.
    async ofPerson(kind) {
      const client = await provider.Client.find('analyst');
      const grant = new provider.Grant({ accountId: 'anna', clientId: 'analyst' });
      grant.addResourceScope('urn:bank:opaque', 'analyst');
      const token = new provider[kind]({ client, accountId: 'anna', grantId: await grant.save(), scope: 'analyst' });
      if (kind === 'AccessToken') token.aud = audience;
      else token.resource = 'urn:bank:opaque';
      return token.save();
    },
    // Usable by whoever has a key (RFC 9449), not by any bearer.
    async boundToken() {
      const token = new provider.ClientCredentials({ client: await provider.Client.find('analyst'), scope: 'analyst' });
      token.aud = audience;
      token.jkt = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs';
      return token.save();
    },
    revoke: (client, token) => post('/token/revocation', client, { token }),
    start: () => listen(port),
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}
