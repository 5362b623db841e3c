/** Requests and certificates that OpenSSL has made, as the base64 of their DER. Their keys are thrown away. */

/** CN=ann, O=team, RSA 2048. */
export const CLIENT =
  'MIICYjCCAUoCAQAwHTENMAsGA1UECgwEdGVhbTEMMAoGA1UEAwwDYW5uMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA79vU6/Lkq0LIIwtzo0u/W/IPeAAJy9ciHmmZ9QMNJACgma7kOQgj/5+Xpb443JDrRfMS35ZXWyQfOOyn+btaMnWeaxep9CiCWB/BmRUcPk1LbWHAk3pLEt0ifK2DSe6UzIjHk23bnwXx1WqzgXcHA/HEgovP9puU77zJPxGkF9DxCunhbBu2BxdUUME9xepx4QCigQaBSH0fEo++rZxI5q5mDMWfyDImUhujkfDWktpGBQRuSzvLMnsADYw2t3OEuHAMaxCdcDi8K3DvHHYp4PT7n15flnLylkTrL+n/K90+LbKUX4VBjAMHc4ktUXO4Lg22qWXVjTtINKrssyzKOQIDAQABoAAwDQYJKoZIhvcNAQELBQADggEBAFU6XGwLCCran+z0VGlEzFj+IU2agFH2k4giD3tTkU+anq2HKtp2zzS97018xDFzIJ3SnpYjH+8URNQeHYiAFliZpfhxD/FRfdAfpFq7dkPwF+RRZNWy88zjsRlznPjcNZbp84brtHeaDKd8y25B2futPenWwXNu98TZlN6SeEUYYerOWZuF0GHufw2QmTKwnRG2bzSTVwEBX0R4XOeg8pFKgmZUZilV61hdTPdMCSj6itkjq4VzgoReqXw5Bcx6ex+Zy0fFH5El/pDxleny3vMcE/vGkF3zvzp7WkpviBMrOIAGKq5+1Tr/rcgNp/6fD5BHbDFUR0IecrVWGcS/7FA=';

/** CN=system:node:n1, O=system:nodes, P-256. */
export const KUBELET_CLIENT =
  'MIHrMIGSAgEAMDAxFTATBgNVBAoMDHN5c3RlbTpub2RlczEXMBUGA1UEAwwOc3lzdGVtOm5vZGU6bjEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATR/XQnswLPzIaOd0PIAIMJ65+K+uSNz+GsUVdZnAtjraJVSQdcxtz86ZtwWeeWs8CqfZrTE4H+06k5LkfCQLesoAAwCgYIKoZIzj0EAwIDSAAwRQIgQGlu86HoUZu7lYnBGtrSwv4rUnXPUjOil2x1w5ca/Q8CIQDqBmaZnDBndG23EdiSQ5YjqW6b4gPWwGN13K4i9Mpn3Q==';

/** the same with DNS:n1 and IP:10.0.0.1, P-384. */
export const KUBELET_SERVING =
  'MIIBTjCB1QIBADAwMRUwEwYDVQQKDAxzeXN0ZW06bm9kZXMxFzAVBgNVBAMMDnN5c3RlbTpub2RlOm4xMHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEvv+qm0pWabfa6xkd6WzKN68XOW5+9A+TnXdziPErjlBm7DwacFjN2sO1MTZVsQqXZpfqE8qSAgV6gqCyHxw1y6nEsAy7DuvIRBwb1vkq9MJgY33z7s2cMy4BYXpuJO4PoCYwJAYJKoZIhvcNAQkOMRcwFTATBgNVHREEDDAKggJuMYcECgAAATAKBggqhkjOPQQDAwNoADBlAjBKdzPBhU8/QGBgHhHit3kYILi7rEMIXZ5q43ngTHhqVZ//ATG4ErNzG0wlFX2aWzkCMQCp49IZrLphLX0seCirKtOVwZ5Rg5U2/KE8c3AcRmkhSbnUw1DEEkwNdDLLQdYhTwg=';

/** CN=root, O=system:masters, Ed25519. */
export const MASTERS =
  'MIGnMFsCAQAwKDEXMBUGA1UECgwOc3lzdGVtOm1hc3RlcnMxDTALBgNVBAMMBHJvb3QwKjAFBgMrZXADIQAE2zA0LlJaMhgseiU3khiAQq9VF4UatQcNixfxAHkQHaAAMAUGAytlcANBAPmFywv4cjmTlRU3ufTQnxBUIw5/enY04rGELp005MoJ+liyTU8X1cZUWSPEdO725qYQ/q39mtb26ZCAhZfKtAM=';

/** an empty name, Ed25519. */
export const STUB =
  'MH8wMwIBADAAMCowBQYDK2VwAyEAzo57kl3yNRkApj9neLkNjFkFVnwxMLXy4qnutSntdq+gADAFBgMrZXADQQC8nYI+Z28hmdt4iSoEtB3kejDzzCBetbP2VSU2bReKIyELDN+2xfJptegaOyODgt7ZlYOdfdyt38IlMRxl8joA';

/** An authority's certificate, P-256. */
export const CA =
  'MIIBcjCCARmgAwIBAgIUR0vfKiE+qXpiDTg/clLXw7Q/ZrUwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEYS1jYTAeFw0yNjExMjcxMTE1MjhaFw0zNjExMjQxMTE1MjhaMA8xDTALBgNVBAMMBGEtY2EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARKauCaUO9iLcj9vQBHZd40pN1d1DxZpNTRJy6r4g7lriv+jNM7uiw0zp5Jb2ixECADzkkoJlExMI8ZYW11V/0co1MwUTAdBgNVHQ4EFgQUnJXXgnMp3+91V9n/T0yBR2KUFJMwHwYDVR0jBBgwFoAUnJXXgnMp3+91V9n/T0yBR2KUFJMwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAQzbo2dp8eFgkOds2KiSgqFDc4+gQVVbI0VAz+hmykWAIgD49OwOeCWiQtACA88UhazudIZl74PLFEJIqAeeiZpdE=';

/** A certificate that says that it is none. */
export const LEAF =
  'MIIBcTCCARagAwIBAgIUQYPEmIiQ84dTK4eYk2zPMz1cUn4wCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEbGVhZjAeFw0yNjExMjcxMTE1MjhaFw0zNjExMjQxMTE1MjhaMA8xDTALBgNVBAMMBGxlYWYwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATIYA5y6pKGicGqaQ66f9TsBlQUDk86q6P7bx8TJMdSmUW+F7deWxRvPjPe7uU5u3Idp7KAavU4IpDTqS2sYuP7o1AwTjAdBgNVHQ4EFgQU64feaOH+2wh3G76tmuvuCKNBkxMwHwYDVR0jBBgwFoAU64feaOH+2wh3G76tmuvuCKNBkxMwDAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNJADBGAiEAr8+UrdK5zjpdCPjdKQHetTuKa+59p+80CJg0zLu0wzgCIQCEXIP9bTwb2xSDh/rxxzKw/aI+vVjFbgP++utV3IDijg==';

/** A PEM text of it. */
export const pem = (label: string, base64: string): string =>
  `-----BEGIN ${label}-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** As `spec.request` has it. */
export const inSpec = (base64: string): string => btoa(pem('CERTIFICATE REQUEST', base64));

export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
