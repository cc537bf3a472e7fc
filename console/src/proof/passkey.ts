// Passkeys: registering one, and signing a challenge with one (W3C Web Authentication, Level 3). Needs a browser.
// Errors: PasskeyProblem, in words for people. Source: docs/formats/passkey.md.
import { type Bytes, fromBase64url, toBase64url } from './bytes.ts';

export class PasskeyProblem extends Error {}

export interface Assertion {
  credential: string;
  authenticator_data: string;
  client_data: string;
  signature: string;
}

interface Registration {
  client_data: string;
  attestation_object: string;
}

export const canUsePasskeys = (): boolean => window.isSecureContext && 'credentials' in navigator && 'PublicKeyCredential' in window;

function inWords(error: unknown): PasskeyProblem {
  if (error instanceof PasskeyProblem) return error;
  const name = error instanceof DOMException ? error.name : '';
  const words: Record<string, string> = {
    NotAllowedError: 'The passkey was not used: the dialog was closed, it took too long, or this device does not have that passkey.',
    InvalidStateError: 'This device already has a passkey for your account.',
    SecurityError: 'The browser refuses passkeys at this address. Open the console by a name (localhost counts), not by an IP address.',
    NotSupportedError: 'This device has no passkey of a kind that Pawl takes (ES256 or EdDSA).',
    AbortError: 'Stopped before the passkey was used.',
  };
  return new PasskeyProblem(words[name] ?? `The passkey was not used: ${error instanceof Error ? error.message : String(error)}`);
}

const textOf = (buffer: ArrayBuffer): string => toBase64url(new Uint8Array(buffer));

function bytesOf(text: string): Bytes {
  const bytes = fromBase64url(text);
  if (bytes === null) throw new PasskeyProblem('The gateway sent what is not base64url.');
  return bytes;
}

/** The bytes of a challenge that the gateway made. */
export const challengeOf = bytesOf;

export async function assert(challenge: Bytes, { rp, credentials = [] }: { rp?: string; credentials?: string[] }): Promise<Assertion> {
  if (!canUsePasskeys()) throw inWords(new DOMException('', 'SecurityError'));
  let credential: PublicKeyCredential | null;
  try {
    credential = await navigator.credentials.get({
      publicKey: {
        challenge, rpId: rp, userVerification: 'required', timeout: 120_000,
        allowCredentials: credentials.map((id) => ({ type: 'public-key' as const, id: bytesOf(id) })),
      },
    }) as PublicKeyCredential | null;
  } catch (error) {
    throw inWords(error);
  }
  if (!credential) throw new PasskeyProblem('No passkey was used.');
  const response = credential.response as AuthenticatorAssertionResponse;
  return {
    credential: textOf(credential.rawId), authenticator_data: textOf(response.authenticatorData),
    client_data: textOf(response.clientDataJSON), signature: textOf(response.signature),
  };
}

export async function register(challenge: Bytes, { rp, user, handle, known = [] }: {
  rp: string; user: string; known?: string[];
  handle: Bytes;    // whose it is: a device keeps one passkey for each
}): Promise<Registration> {
  if (!canUsePasskeys()) throw inWords(new DOMException('', 'SecurityError'));
  let credential: PublicKeyCredential | null;
  try {
    credential = await navigator.credentials.create({
      publicKey: {
        challenge, rp: { id: rp, name: 'Pawl' },
        user: { id: handle, name: user, displayName: user },
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -8 }],
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        excludeCredentials: known.map((id) => ({ type: 'public-key' as const, id: bytesOf(id) })),
        attestation: 'none', timeout: 120_000,
      },
    }) as PublicKeyCredential | null;
  } catch (error) {
    throw inWords(error);
  }
  if (!credential) throw new PasskeyProblem('No passkey was made.');
  const response = credential.response as AuthenticatorAttestationResponse;
  return { client_data: textOf(response.clientDataJSON), attestation_object: textOf(response.attestationObject) };
}
