/** Who looks at a page. The browser says it in headers of its context, so that one server serves many. */
export interface User {
  login: string;
  role: 'Viewer' | 'Editor' | 'Admin' | 'None';
  theme: 'light' | 'dark';
  language: string;
  /** From the plugin's own roles. */
  actions: string[];
}

export interface PluginSettings {
  jsonData: Record<string, string>;
  secureJsonData: Record<string, string>;
}
