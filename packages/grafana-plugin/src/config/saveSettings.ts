import type { AppPluginMeta } from '@grafana/data';
import { getBackendSrv } from '@grafana/runtime';
import { lastValueFrom } from 'rxjs';
import type { Secrets, Settings } from './settings';

/** Writes the app's settings; a secret that is not given stays what it is. */
export const saveSettings = async (
  { id, enabled, pinned }: Pick<AppPluginMeta, 'id' | 'enabled' | 'pinned'>,
  jsonData: Settings,
  secureJsonData: Secrets,
): Promise<void> => {
  await lastValueFrom(
    getBackendSrv().fetch({
      url: `/api/plugins/${id}/settings`,
      method: 'POST',
      data: { enabled: enabled ?? true, pinned: pinned ?? true, jsonData, secureJsonData },
    }),
  );
};
