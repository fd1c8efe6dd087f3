import { spawnSync } from 'node:child_process';

/** The Debian / Ubuntu package of each library that mongod builds link to. */
const PACKAGES = new Map([
  ['libcurl.so.4', 'libcurl4'],
  ['libssl.so.3', 'libssl3'],
  ['libcrypto.so.3', 'libssl3'],
  ['libssl.so.1.1', 'libssl1.1'],
  ['libcrypto.so.1.1', 'libssl1.1'],
  ['liblzma.so.5', 'liblzma5'],
  ['libgcc_s.so.1', 'libgcc-s1'],
  ['libstdc++.so.6', 'libstdc++6'],
  ['libsasl2.so.2', 'libsasl2-2'],
  ['libgssapi_krb5.so.2', 'libgssapi-krb5-2'],
  ['libldap-2.5.so.0', 'libldap-2.5-0'],
  ['libsnmp.so.40', 'libsnmp40'],
  ['libresolv.so.2', 'libc6'],
  ['libm.so.6', 'libc6'],
  ['libc.so.6', 'libc6'],
]);

/**
 * The shared libraries that a binary needs and this machine lacks, and what to do about it.
 *
 * @param {string} binary
 * @param {string} loaderError what the dynamic loader said: it names the first one only, but needs no ldd
 * @returns {string | undefined} undefined: nothing is missing, as far as can be told
 */
export function missingLibraries(binary, loaderError = '') {
  const ldd = spawnSync('ldd', [binary], { encoding: 'utf8' });
  const text = `${ldd.stdout ?? ''}\n${ldd.stderr ?? ''}\n${loaderError}`;
  const missing = new Set(
    [...text.matchAll(/(\S+) => not found|: (\S+): cannot open shared object file/g)].map(
      ([, byLdd, byLoader]) => byLdd ?? byLoader ?? '',
    ),
  );
  if (missing.size > 0) return `${names('library', [...missing])} missing: ${remedy([...missing])}`;
  const versions = new Set([...text.matchAll(/version `([^']+)' not found/g)].map(([, name]) => name ?? ''));
  if (versions.size > 0) {
    return `it needs ${[...versions].join(', ')}, which this system's libraries are too old for: use a mongod built for it`;
  }
  return undefined;
}

/** @param {string[]} libraries */
function remedy(libraries) {
  const packages = new Set(libraries.flatMap((library) => PACKAGES.get(library) ?? []));
  const unknown = libraries.filter((library) => !PACKAGES.has(library));
  const steps = [];
  if (packages.size > 0) steps.push(`on Debian or Ubuntu run "sudo apt-get install ${[...packages].join(' ')}"`);
  if (unknown.length > 0) steps.push(`install the package that holds ${unknown.join(', ')}`);
  return steps.join('; ');
}

/**
 * @param {string} noun
 * @param {string[]} all
 */
function names(noun, all) {
  const plural = noun.replace(/y$/, 'ies');
  return all.length === 1 ? `the shared ${noun} ${all[0]} is` : `the shared ${plural} ${all.join(', ')} are`;
}
