import { expect } from 'chai';
import { missingForNamespace, runInLossyNetwork } from '../support/namespace.js';
import { describeLong } from '../support/scale.js';

const LOST_PERCENT = Number(process.env['LINTEL_LOST_PERCENT'] ?? 10);

/** Fault 35, second half: every tenth packet is lost, between visitors, collector, Redis and ClickHouse alike. */
describeLong('35 packet loss', function () {
  this.timeout(600_000);

  it(`of ${LOST_PERCENT} %: everything that was answered 202 is stored once`, async function () {
    const missing = missingForNamespace();
    if (missing !== null) {
      console.log(`    not run: ${missing}`);
      return this.skip();
    }
    const { code, report } = await runInLossyNetwork('faults/inside/packet-loss.ts', LOST_PERCENT);
    console.log(report.replace(/^/gm, '    '));
    expect(code, 'failures in the network that loses packets').to.equal(0);
  });
});
