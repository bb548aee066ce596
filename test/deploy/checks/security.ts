// Pod Security at its level `restricted`, and somewhat more: no token, nothing writable, nothing secret in the description.
import { Environment } from '../../../src/config/environment.js';
import { settingsOf } from '../../../src/config/setting.js';
import { type Finding, leavesOf, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { containersOf, workloadsOf } from '../pods.js';

export function checkPodSecurity(rendered: Rendered): Finding[] {
  return [
    ...ofKind(rendered.objects, 'Namespace')
      .filter(({ metadata }) => metadata.labels?.['pod-security.kubernetes.io/enforce'] !== 'restricted')
      .map((namespace) => ({
        object: nameOf(namespace),
        path: 'metadata.labels',
        problem: 'does not enforce restricted',
      })),
    ...workloadsOf(rendered).flatMap(({ object, spec }) => {
      const finding = (path: string, problem: string): Finding => ({
        object: nameOf(object),
        path: `spec.template.spec.${path}`,
        problem,
      });
      const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext ?? {};
      return [
        ...(runAsNonRoot === true && runAsUser > 0 ? [] : [finding('securityContext', 'may run as root')]),
        ...(seccompProfile?.type === 'RuntimeDefault' ? [] : [finding('securityContext', 'has no seccomp profile')]),
        ...(spec.automountServiceAccountToken === false
          ? []
          : [finding('automountServiceAccountToken', 'is given a token')]),
        ...['hostNetwork', 'hostPID', 'hostIPC']
          .filter((field) => spec[field] === true)
          .map((field) => finding(field, 'shares what belongs to the node')),
        ...(spec.volumes ?? [])
          .filter(({ hostPath }: Tree) => hostPath !== undefined)
          .map(({ name }: Tree) => finding(`volumes.${name}`, 'lies on the node')),
      ];
    }),
    ...containersOf(rendered).flatMap(({ container, at }) => {
      const { allowPrivilegeEscalation, readOnlyRootFilesystem, capabilities, privileged, runAsUser } =
        container.securityContext ?? {};
      const finding = (problem: string): Finding => ({ ...at, path: `${at.path}.securityContext`, problem });
      return [
        ...(allowPrivilegeEscalation === false && privileged !== true ? [] : [finding('may gain privileges')]),
        ...(readOnlyRootFilesystem === true ? [] : [finding('may write to its root')]),
        ...(capabilities?.drop?.includes('ALL') === true && capabilities.add === undefined
          ? []
          : [finding('keeps capabilities')]),
        ...(runAsUser === 0 ? [finding('runs as root')] : []),
        ...(container.resources?.limits?.memory !== undefined && container.resources.requests?.cpu !== undefined
          ? []
          : [{ ...at, path: `${at.path}.resources`, problem: 'asks for no measure of memory and CPU' }]),
      ];
    }),
  ];
}

const PASSWORD_IN_URL = /\w:\/\/[^/\s:@]*:[^@\s<$]+@/;
const SECRET_NAME = /(password|secret|token|private|api_?key)/i;
const SECRET_SETTINGS = new Set(
  settingsOf(Environment).flatMap(({ variable, secret }) => (secret === true ? variable : [])),
);

/** Whether a text gives away what opens something. Placeholders and references do not. */
export function holdsSecret(name: string, value: string): boolean {
  const isFilledIn = value !== '' && !/^(<.*>|\$\{.*\}|\$\w+)$/s.test(value);
  return (
    PASSWORD_IN_URL.test(value) ||
    /-----BEGIN [A-Z ]*PRIVATE KEY/.test(value) ||
    ((SECRET_NAME.test(name) || SECRET_SETTINGS.has(name)) && isFilledIn)
  );
}

/** Nothing that is rendered is a Secret or holds one; a template holds placeholders. */
export function checkSecrets({ objects, byHand }: Rendered): Finding[] {
  const secrets = ofKind(objects, 'Secret').map((object) => ({
    object: nameOf(object),
    path: 'kind',
    problem: 'is applied with the rest: a Secret is made by hand',
  }));
  const values = objects.flatMap((object) => [
    ...containersEnvOf(object),
    ...Object.entries<string>(object.kind === 'ConfigMap' ? object['data'] : {}).map(([name, value]) => ({
      object: nameOf(object),
      path: `data.${name}`,
      name,
      value,
    })),
    ...[...leavesOf(object)].map(({ path, value }) => ({
      object: nameOf(object),
      path,
      name: '',
      value: String(value),
    })),
  ]);
  const templates = ofKind(byHand, 'Secret').flatMap((object) =>
    Object.entries<string>({ ...object['data'], ...object['stringData'] }).map(([name, value]) => ({
      object: nameOf(object),
      path: `stringData.${name}`,
      name,
      value,
    })),
  );
  const given = [...values, ...templates]
    .filter(({ name, value }) => holdsSecret(name, value))
    .map(({ object, path }) => ({ object, path, problem: 'is a secret' }));
  return [...secrets, ...given];
}

function containersEnvOf(object: Tree): { object: string; path: string; name: string; value: string }[] {
  const spec = object.spec?.template?.spec;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].flatMap(({ name: container, env }: Tree) =>
    (env ?? [])
      .filter(({ value }: Tree) => value !== undefined)
      .map(({ name, value }: Tree) => ({ object: nameOf(object), path: `${container}.env.${name}`, name, value })),
  );
}
