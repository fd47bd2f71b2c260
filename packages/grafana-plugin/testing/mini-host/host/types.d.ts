/** `setPluginPage` of `@grafana/runtime`, which its index does not export: bundled by path (review when versions change). */
declare module 'host:plugin-page' {
  import type { PluginPageType } from '@grafana/runtime';
  export const setPluginPage: (component: PluginPageType) => void;
}

/** What core's template service does for a query of Scenes; the whole of Scenes would be half a megabyte more. */
declare module 'host:scene-interpolator' {
  import type { ScopedVars } from '@grafana/data';
  export const sceneInterpolator: (
    scene: object,
    text: string,
    scopedVars?: ScopedVars,
    format?: string | Function,
  ) => string;
}
