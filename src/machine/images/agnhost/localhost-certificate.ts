/** The certificate that lies in agnhost's image, of whoever is called localhost. Its key was thrown away: nothing here computes with it. */
export const LOCALHOST_CERTIFICATE = `${[
  '-----BEGIN CERTIFICATE-----',
  'MIIBqjCCAVCgAwIBAgIUQyvINLPNyOXxv/NOJaCoHJorPOIwCgYIKoZIzj0EAwIw',
  'EjEQMA4GA1UECgwHQWNtZSBDbzAgFw0yNjExMjgxMjA3MThaGA8yMTI2MTEwNDEy',
  'MDcxOFowEjEQMA4GA1UECgwHQWNtZSBDbzBZMBMGByqGSM49AgEGCCqGSM49AwEH',
  'A0IABOtomOJfaPZUDHUNaRVwEOr0vpu3wqOgq1iVGEWy8CVznSnOLgdornWCaYl1',
  'Nup4FxnC3ktmWiZIs0kE4cYkuFmjgYEwfzAdBgNVHQ4EFgQUCBRbbHepcztwkGfV',
  'hh2e/TD+SvEwHwYDVR0jBBgwFoAUCBRbbHepcztwkGfVhh2e/TD+SvEwDwYDVR0T',
  'AQH/BAUwAwEB/zAsBgNVHREEJTAjhwR/AAABhxAAAAAAAAAAAAAAAAAAAAABggls',
  'b2NhbGhvc3QwCgYIKoZIzj0EAwIDSAAwRQIgdOvCay35Nd0+aUTBFZlwnHpfRqIZ',
  'O3qprC9/n/A+cRoCIQCd4K4Lp5Il2o+cIEHMxLjEGpWAnBdFBa3OsFBk+1aZlA==',
  '-----END CERTIFICATE-----',
].join('\n')}\n`;
