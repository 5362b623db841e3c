/** The plugins that there are. */

import { bandwidth } from './chained/bandwidth.ts';
import { firewall } from './chained/firewall.ts';
import { portmap } from './chained/portmap.ts';
import { tuning } from './chained/tuning.ts';
import type { PluginTable } from './exec.ts';
import { bridgePlugin } from './interfaces/bridge.ts';
import { loopback } from './interfaces/loopback.ts';
import { ptp } from './interfaces/ptp.ts';
import { hostLocal } from './ipam/host-local.ts';
import { staticIPAM } from './ipam/static.ts';

export const PLUGINS: PluginTable = {
  bandwidth,
  bridge: bridgePlugin,
  firewall,
  'host-local': hostLocal,
  loopback,
  portmap,
  ptp,
  static: staticIPAM,
  tuning,
};
