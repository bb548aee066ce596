// A rollout takes no server away before another stands, and gives those that go the time that they ask for.
import { type Finding, nameOf, ofKind, type Rendered } from '../kube.js';
import { environmentOf, passbooksOf } from '../pods.js';
import { judgeEnvironment } from '../settings.js';

export function checkRollout(rendered: Rendered): Finding[] {
  const scaled = ofKind(rendered.objects, 'HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef.name);
  return ofKind(rendered.objects, 'Deployment').flatMap((object) => {
    const { spec, metadata } = object;
    const update = spec.strategy?.rollingUpdate;
    const finding = (path: string, problem: string): Finding => ({ object: nameOf(object), path, problem });
    const jobs = ofKind(rendered.objects, 'Job').map((job) => Number(job['spec'].activeDeadlineSeconds));
    return [
      ...(update?.maxUnavailable === 0 && Number(update.maxSurge) > 0
        ? []
        : [finding('spec.strategy', 'takes a server away before another is ready')]),
      ...(scaled.includes(metadata.name) && spec.replicas !== undefined
        ? [finding('spec.replicas', 'is set back at every apply: the autoscaler says how many')]
        : []),
      ...(jobs.some((seconds) => spec.progressDeadlineSeconds <= seconds)
        ? [finding('spec.progressDeadlineSeconds', 'ends before the migration may')]
        : []),
    ];
  });
}

export function checkEnding(rendered: Rendered): Finding[] {
  return passbooksOf(rendered).flatMap((one) => {
    const { container, at, workload } = one;
    if (!container.command.includes('dist/src/main.js')) return [];
    const { settings } = judgeEnvironment(environmentOf(one, rendered));
    const before = container.lifecycle?.preStop?.sleep?.seconds;
    if (before === undefined) return [{ ...at, path: `${at.path}.lifecycle`, problem: 'no time for others to notice' }];
    if (settings === undefined) return [];
    const { shutdownDelayMs, shutdownGraceMs, queries } = settings;
    const path = 'spec.template.spec.terminationGracePeriodSeconds';
    const seconds = before + (shutdownDelayMs + shutdownGraceMs) / 1_000;
    const grace: number = workload.spec.terminationGracePeriodSeconds ?? 30;
    return [
      ...(grace > seconds ? [] : [{ ...at, path, problem: `${grace} s, where stopping takes up to ${seconds} s` }]),
      ...(queries.statementTimeoutMs < shutdownGraceMs
        ? []
        : [{ ...at, path: `${at.path}.env`, problem: 'a statement may take longer than SHUTDOWN_GRACE_MS' }]),
    ];
  });
}

/** Drains go on one server at a time, and never not at all. */
export function checkDisruption({ objects }: Rendered): Finding[] {
  const least = Math.min(...ofKind(objects, 'HorizontalPodAutoscaler').map(({ spec }) => spec.minReplicas));
  return [
    ...ofKind(objects, 'PodDisruptionBudget').flatMap((budget) => {
      const { minAvailable, maxUnavailable } = budget['spec'];
      const lets = maxUnavailable ?? least - minAvailable;
      const problem = lets > 0 ? 'lets all servers go at once' : 'lets no node be drained';
      return lets === 1 ? [] : [{ object: nameOf(budget), path: 'spec', problem }];
    }),
    ...ofKind(objects, 'HorizontalPodAutoscaler')
      .filter(({ spec }) => spec.minReplicas > spec.maxReplicas)
      .map((autoscaler) => ({ object: nameOf(autoscaler), path: 'spec.minReplicas', problem: 'is above the most' })),
  ];
}
