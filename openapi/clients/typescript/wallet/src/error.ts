import type { components } from "./ocx.js";

type ServerError = components["schemas"]["ApiError"];

/**
 * What to match on: a code of the server, or one of these.
 *
 * - `NO_ACCOUNT`: the wallet shows no account.
 * - `WRONG_CHAIN`: the wallet is on another chain than the one that was asked for, or does not say on which.
 * - `WRONG_WALLET`: the server signed somebody else in. That session has been ended.
 * - `NO_ANSWER`: the server cannot be reached, or something else, such as a proxy, answers in its place.
 */
export type SignInErrorCode = ServerError["code"] | "NO_ACCOUNT" | "WRONG_CHAIN" | "WRONG_WALLET" | "NO_ANSWER";

/** Why a sign-in did not come about, unless it is the wallet itself that says why. */
export class SignInError extends Error {
  override readonly name = "SignInError";
  readonly code: SignInErrorCode;
  /** The status of the answer, if there was one. */
  readonly status: number | undefined;
  /** Where the fault is and what was expected there, if the server says so. */
  readonly details: ServerError["details"] | undefined;

  constructor(
    code: SignInErrorCode,
    message: string,
    facts: { status?: number; details?: ServerError["details"]; cause?: unknown } = {},
  ) {
    super(message, facts);
    this.code = code;
    this.status = facts.status;
    this.details = facts.details;
  }
}

/** What an answer says that is no success. Without the form of the server's errors it is not the server's. */
export function refusal(body: unknown, { status }: Response): SignInError {
  return isServerError(body)
    ? new SignInError(body.code, body.message, { status, details: body.details })
    : new SignInError("NO_ANSWER", `Something else answered with status ${status}.`, { status });
}

function isServerError(body: unknown): body is ServerError {
  return typeof body === "object" && body !== null && "code" in body && "message" in body;
}
