/** What a call ends with when it ends well. */

import type * as types from "./types.js";

/** The whole answer. */
export class Answer {
  /** What the provider said. */
  readonly response: types.Response;
  /** Times and attempts. */
  readonly report: types.Report;

  constructor(response: types.Response, report: types.Report) {
    this.response = response;
    this.report = report;
  }

  /** The text of the first choice, all its text parts joined. Empty when it only calls tools or declines. */
  get text(): string {
    return textOf(this.response);
  }

  /** The tools the first choice asks for, in order. */
  get toolCalls(): types.ToolCallPart[] {
    return (this.response.choices[0]?.content ?? []).filter((part) => part.type === "tool_call");
  }

  /** Why the first choice stopped. Absent: the provider did not say. */
  get finish(): types.Finish | undefined {
    return this.response.choices[0]?.finish;
  }

  /** Tokens. Absent: the provider did not tell. */
  get usage(): types.Usage | undefined {
    return this.response.usage;
  }
}

/** What {@link Client.infer} answers: an answer with its commonest parts at hand. */
export interface Inference {
  /** The text of the first choice. */
  text: string;
  /** The same text in the pieces in which it came. Mostly a token each, but a provider may send more at once. */
  tokens: string[];
  /** Tokens as the provider counts them. Absent: it did not tell. */
  usage?: types.Usage;
  /** Why it stopped. Absent: the provider did not say. */
  finish?: types.Finish;
  /** What was dropped, renamed or clamped on the way. */
  warnings: types.Warning[];
  /** Times and attempts. */
  report: types.Report;
  /** All the provider said. */
  response: types.Response;
}

export function inference({ text, finish, usage, response, report }: Answer, tokens: string[]): Inference {
  return {
    text,
    tokens,
    ...(usage && { usage }),
    ...(finish && { finish }),
    warnings: response.warnings,
    report,
    response,
  };
}

/** The text of the first choice. */
export function textOf(response: types.Response): string {
  let text = "";
  for (const part of response.choices[0]?.content ?? []) {
    if (part.type === "text") text += part.text;
  }
  return text;
}
