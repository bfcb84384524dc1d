/** What an MLflow server, or the way to it, refused. */
export class MlflowError extends Error {
  override readonly name = "MlflowError";

  constructor(
    /** The server's `error_code`, such as RESOURCE_DOES_NOT_EXIST; empty where it gave none. */
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Calls of MLflow's REST API 2.0. */
export interface MlflowClient {
  readonly url: string;
  get<Answer>(path: string, query: Readonly<Record<string, string>>): Promise<Answer>;
  post<Answer>(path: string, body: object): Promise<Answer>;
}

/**
 * A client of a tracking server. Who asks is said as MLflow's own client says it: MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and
 * MLFLOW_TRACKING_PASSWORD.
 */
export function createMlflowClient(url: string): MlflowClient {
  const base = url.replace(/\/+$/, "");
  const call = async <Answer>(path: string, init: RequestInit): Promise<Answer> => {
    const address = `${base}/api/2.0/mlflow/${path}`;
    let response: Response;
    try {
      response = await fetch(address, { ...init, headers: { "content-type": "application/json", ...authorization() } });
    } catch (cause) {
      const { message } = ((cause as Error).cause as Error | undefined) ?? (cause as Error);
      throw new MlflowError("", `MLflow cannot be reached at ${base}: ${message}`, { cause });
    }
    const text = await response.text();
    if (response.ok) return JSON.parse(text || "{}") as Answer;
    const { error_code = "", message = text.slice(0, 200) } = parseObject(text);
    throw new MlflowError(error_code, `MLflow refused ${path} (${response.status} ${error_code}): ${message}`);
  };
  return {
    url: base,
    get: (path, query) => call(`${path}?${new URLSearchParams(query)}`, { method: "GET" }),
    post: (path, body) => call(path, { method: "POST", body: JSON.stringify(body) }),
  };
}

function authorization(): Record<string, string> {
  const { MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD = "" } = process.env;
  if (MLFLOW_TRACKING_TOKEN) return { authorization: `Bearer ${MLFLOW_TRACKING_TOKEN}` };
  if (!MLFLOW_TRACKING_USERNAME) return {};
  const pair = Buffer.from(`${MLFLOW_TRACKING_USERNAME}:${MLFLOW_TRACKING_PASSWORD}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

function parseObject(text: string): { readonly error_code?: string; readonly message?: string } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
