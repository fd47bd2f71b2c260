import { expect } from 'chai';
import { pluginJsonRoute, ROUTES } from '../src/api/routes.js';
import { routeRequest } from '../testing/mini-host/server/proxyRules.js';

const DATA = {
  jsonData: { collectorUrl: 'http://collector:4101' },
  secureJsonData: { adminToken: 'lt_secret' },
};
const routes = ROUTES.map(pluginJsonRoute);
const ask = (path: string, { method = 'GET', actions = ['lintel-app:read'] } = {}) =>
  routeRequest(routes, { method, path, actions }, DATA);

describe('routes through the proxy', () => {
  it('reach the admin port with the token and the permission of the entry', () => {
    expect(ask('analytics/overview')).to.deep.equal({
      kind: 'forward',
      url: 'http://collector:4101/api/admin/analytics/overview',
      headers: { Authorization: 'Bearer lt_secret', 'X-Lintel-Permission': 'analytics.read' },
    });
    expect(ask('ledger')).to.deep.include({ kind: 'forward', url: 'http://collector:4101/api/admin/ledger' });
  });

  it('are closed without the action, for every other method and for every other path', () => {
    expect(ask('analytics/overview', { actions: [] })).to.deep.equal({ kind: 'denied' });
    expect(ask('analytics/overview', { method: 'POST' })).to.deep.equal({ kind: 'none' });
    expect(ask('tokens')).to.deep.equal({ kind: 'none' });
    // `analytics/*` is not `analytics`
    expect(ask('analytics')).to.deep.equal({ kind: 'none' });
    expect(ask('analytics/')).to.deep.equal({ kind: 'none' });
  });

  it('unescape the rest once: what the collector must refuse', () => {
    expect(ask('analytics/%2e%2e/tokens')).to.deep.include({
      url: 'http://collector:4101/api/admin/analytics/../tokens',
    });
  });

  it('take the first entry that matches, also when it denies', () => {
    const two = [
      { path: 'a/*', method: 'GET', reqAction: 'wide', url: 'http://x/a' },
      { path: 'a/b', method: 'GET', url: 'http://x/a/b' },
    ];
    expect(routeRequest(two, { method: 'GET', path: 'a/b', actions: [] }, DATA)).to.deep.equal({
      kind: 'denied',
    });
  });
});
