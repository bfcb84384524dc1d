import { render } from "preact";
import { App } from "./app.tsx";
import { followAddress } from "./model/address.ts";
import { followRuns } from "./model/server.ts";
import { followTheme } from "./model/theme.ts";

followTheme();
followAddress();
followRuns();
render(<App />, document.body);
