import { staysOf } from "../../core/view/retention.ts";
import { ErrorPanel } from "../kit/error-panel.tsx";
import { Fact, Facts, Panel, Quiet } from "../kit/panel.tsx";
import { useConfiguration } from "../system.ts";
import { PlainTable } from "./plain-table.tsx";

/** Where the installation keeps its things, and how long it keeps runs: for its admins. */
export function Places() {
  const { data, isError, error, refetch } = useConfiguration();
  if (!data)
    return isError ? (
      <ErrorPanel
        what="The installation does not say how it was configured"
        error={error}
        onRetry={() => void refetch()}
        target="/api/v1/system/configuration"
      />
    ) : null;
  const { paths, retention } = data;
  return (
    <>
      <Panel title="Paths">
        <Facts>
          <Fact name="Data">
            <code>{paths.data}</code>
          </Fact>
          <Fact name="Database">
            {paths.database === null ? "a server's" : <code>{paths.database}</code>}
          </Fact>
          <Fact name="Environments">
            <code>{paths.environments}</code>
          </Fact>
          <Fact name="Archive">
            <code>{paths.archive}</code>
          </Fact>
        </Facts>
      </Panel>
      <Panel title="Retention">
        <Facts>
          {staysOf(retention.rules).map(({ whose, stay }) => (
            <Fact key={whose} name={whose}>
              {stay}
            </Fact>
          ))}
        </Facts>
        <Quiet>
          {retention.rules.length === 0
            ? "STATION_RETENTION is not set."
            : `Counted from a run's end, by the first line that fits it; then it goes to the archive. One with the label “${retention.holdLabel}” stays until the label says false.`}
        </Quiet>
      </Panel>
    </>
  );
}

/** Who vouches for people, and what their groups give them: for the installation's admins. */
export function People() {
  const { data } = useConfiguration();
  if (!data?.provider) return null;
  const { issuer, clientId, userClaim, groupsClaim, roles } = data.provider;
  return (
    <Panel title="People and teams">
      <Facts>
        <Fact name="Vouched for by">
          <code>{issuer}</code>
        </Fact>
        <Fact name="Station is there">
          <code>{clientId}</code>
        </Fact>
        <Fact name="Named by">
          <code>{userClaim}</code>
        </Fact>
        <Fact name="Teams from">
          <code>{groupsClaim}</code>
        </Fact>
      </Facts>
      <PlainTable heads={["Group", "Role", "Where"]} hasActions={false}>
        {roles.map(({ group, role, environment }) => (
          <tr key={`${group} ${role} ${environment}`}>
            <td>{group === "*" ? "everybody" : <b>{group}</b>}</td>
            <td>{role}</td>
            <td>{environment === "*" ? "everywhere" : environment}</td>
          </tr>
        ))}
      </PlainTable>
      <Quiet>Each group is the team of its name. Set by STATION_OIDC_ROLES.</Quiet>
    </Panel>
  );
}
