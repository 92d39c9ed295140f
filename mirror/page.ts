import type { Build, Manifest } from './manifest.ts';
import type { SigningKey } from './usign.ts';

/** The mirror's front page, for people: whose it is, what it has, and how a router is pointed at it. */
export function renderPage(manifest: Manifest, keys: readonly SigningKey[], compiler: string): string {
  const { name, number, date, until, builds } = manifest;
  const versions = [...new Set(builds.map(({ version }) => version))];
  const shown = keys.map(
    ({ fingerprint, publicKey }) =>
      `<p><a href="keys/${fingerprint}">${fingerprint}</a></p>\n<pre>${escape(publicKey)}</pre>`
  );
  const fingerprint = keys[0]?.fingerprint ?? '';
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escape(name)}</title>
<style>
body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
pre { overflow-x: auto; padding: 0.5em; background: #8882 }
td, th { padding: 0 1em 0 0; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums }
</style>
</head>
<body>
<h1>${escape(name)}</h1>
<p>Compact builds of Tailscale ${escape(versions.join(', '))} for OpenWrt routers with tailscale-ram, made with
${escape(compiler)}. <a href="manifest">Manifest</a> ${number} of ${date}; due to be renewed by ${until}.</p>
<h2>Public key</h2>
${shown.join('\n')}
<p>Compare it with what the owner of this mirror tells you by another way.</p>
<h2>Use it</h2>
<p>On the router, with the address of this page in place of ADDRESS:</p>
<pre>mkdir -p /etc/tailscale-ram/keys
wget -O /etc/tailscale-ram/keys/${fingerprint} ADDRESS/keys/${fingerprint}
uci add_list tailscale-ram.main.mirror='ADDRESS'
uci set tailscale-ram.main.build='compact'   # or compact-ssh, or auto
uci commit tailscale-ram
service tailscale-ram reload</pre>
<h2>Builds</h2>
<table>
<tr><th>processor</th><th>flavour</th><th>form</th><th>version</th><th>download, MB</th><th>in RAM, MB</th></tr>
${builds.map(row).join('\n')}
</table>
</body>
</html>
`;
}

function row({ arch, flavour, form, version, fileBytes, keptBytes, file }: Build): string {
  return (
    `<tr><td><a href="stable/${file}">${arch}</a></td><td>${flavour}</td><td>${form}</td><td>${version}</td>` +
    `<td class="n">${megabytes(fileBytes)}</td><td class="n">${megabytes(keptBytes)}</td></tr>`
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
