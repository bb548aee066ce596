// What is done once a release ends, whatever comes, and is not tried again where that would mend nothing.
import { EXIT } from '../../../src/common/exit-codes.js';
import { type Finding, nameOf, ofKind, type Rendered, type Tree } from '../kube.js';
import { environmentOf, migrates, passbooksOf } from '../pods.js';
import { judgeEnvironment } from '../settings.js';

/** Exit codes that no second attempt changes. */
const FINAL: readonly number[] = [EXIT.failed, EXIT.usage, EXIT.notPermitted, EXIT.configuration];

export function checkJobs(rendered: Rendered): Finding[] {
  return ofKind(rendered.objects, 'Job').flatMap((object) => {
    const { spec } = object as Tree;
    const finding = (path: string, problem: string): Finding => ({ object: nameOf(object), path, problem });
    const failing = (spec.podFailurePolicy?.rules ?? []).find(({ action }: Tree) => action === 'FailJob');
    const codes: number[] = failing?.onExitCodes.values ?? [];
    const names = spec.template.spec.containers.map(({ name }: Tree) => name);
    return [
      ...(['backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished'] as const)
        .filter((field) => spec[field] === undefined)
        .map((field) => finding(`spec.${field}`, 'is missing')),
      ...(FINAL.every((code) => codes.includes(code)) && codes.length === FINAL.length
        ? []
        : [finding('spec.podFailurePolicy', `gives up at ${codes.join(', ')}, not at ${FINAL.join(', ')}`)]),
      ...(names.includes(failing?.onExitCodes.containerName)
        ? []
        : [finding('spec.podFailurePolicy', 'is about no container of the Job')]),
      // A Job cannot be changed, and the ConfigMap's name changes with any setting.
      ...(JSON.stringify(spec.template).includes('"configMapRef"')
        ? [finding('spec.template', 'names the settings, with which it would have to change')]
        : []),
    ];
  });
}

/** What a Job's containers wait for comes to an end before the Job does. */
export function checkWaiting(rendered: Rendered): Finding[] {
  return passbooksOf(rendered).flatMap((one) => {
    const { container, at, workload } = one;
    const { settings } = judgeEnvironment(environmentOf(one, rendered));
    if (workload.object.kind !== 'Job' || settings === undefined) return [];
    const { lockTimeoutMs, statementTimeoutMs, waitSeconds } = settings.migrate;
    const finding = (path: string, problem: string): Finding => ({ ...at, path, problem });
    const asked = Number(container.command[container.command.indexOf('--timeout') + 1]);
    const seconds = migrates(one) ? waitSeconds + statementTimeoutMs / 1_000 : Number.isNaN(asked) ? 0 : asked;
    return [
      ...(migrates(one) && !(lockTimeoutMs > 0 && statementTimeoutMs > 0)
        ? [finding(`${at.path}.env`, 'may wait for ever')]
        : []),
      ...(seconds < (workload.object as Tree).spec.activeDeadlineSeconds
        ? []
        : [finding('spec.activeDeadlineSeconds', 'is less than one attempt may take')]),
    ];
  });
}
