/** LuCI as a browser reaches it. */
export class Luci {
  readonly #url: string;
  readonly #session: string;

  /** Logs in as root. Throws if it is refused. `url` ends with a slash. */
  static async login(url: string, password: string): Promise<Luci> {
    const response = await fetch(`${url}cgi-bin/luci/`, {
      method: 'POST',
      body: new URLSearchParams({ luci_username: 'root', luci_password: password }),
      redirect: 'manual'
    });
    const [, session] = /^sysauth_http=([0-9a-f]{32});/.exec(response.headers.get('set-cookie') ?? '') ?? [];
    if (session === undefined) throw new Error(`LuCI refuses: ${response.status}`);
    return new Luci(url, session);
  }

  private constructor(url: string, session: string) {
    this.#url = url;
    this.#session = session;
  }

  /** The page below /cgi-bin/luci/, with its status. */
  async page(path: string): Promise<{ status: number; html: string }> {
    const headers = { cookie: `sysauth_http=${this.#session}` };
    const response = await fetch(`${this.#url}cgi-bin/luci/${path}`, { headers });
    return { status: response.status, html: await response.text() };
  }

  /** What its pages do. Throws unless it is answered with status 0. */
  async ubus(object: string, method: string, args: object): Promise<unknown> {
    const call = { jsonrpc: '2.0', id: 1, method: 'call', params: [this.#session, object, method, args] };
    const response = await fetch(`${this.#url}ubus/`, { method: 'POST', body: JSON.stringify(call) });
    const { result } = (await response.json()) as { result?: [number, unknown] };
    if (result?.[0] !== 0) throw new Error(`${object} ${method}: ${JSON.stringify(result)}`);
    return result[1];
  }
}
