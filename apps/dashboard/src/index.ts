// The dashboard as a part of another program.
export { type Dashboard, type DashboardOptions, dashboard } from "./server/server.ts";
