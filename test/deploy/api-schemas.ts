// Objects held against the schemas of the Kubernetes API, and those of operators against what the examples use of theirs.
import { runValidateFunc, type ValidateFunc } from '@kubernetes-models/validate';
import { validate as deployment } from 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment';
import { validate as statefulSet } from 'kubernetes-models/_schemas/IoK8sApiAppsV1StatefulSet';
import { validate as autoscaler } from 'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler';
import { validate as job } from 'kubernetes-models/_schemas/IoK8sApiBatchV1Job';
import { validate as configMap } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap';
import { validate as namespace } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Namespace';
import { validate as secret } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Secret';
import { validate as service } from 'kubernetes-models/_schemas/IoK8sApiCoreV1Service';
import { validate as serviceAccount } from 'kubernetes-models/_schemas/IoK8sApiCoreV1ServiceAccount';
import { validate as ingress } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1Ingress';
import { validate as networkPolicy } from 'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy';
import { validate as disruptionBudget } from 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget';
import { operatorSchemas } from './operator-schemas.js';
import { type Finding, type KubeObject, nameOf, type Tree } from './kube.js';

type Validate = (data: unknown) => boolean;

const SCHEMAS: Readonly<Record<string, Validate>> = {
  'apps/v1 Deployment': deployment,
  'apps/v1 StatefulSet': statefulSet,
  'autoscaling/v2 HorizontalPodAutoscaler': autoscaler,
  'batch/v1 Job': job,
  'v1 ConfigMap': configMap,
  'v1 Namespace': namespace,
  'v1 Secret': secret,
  'v1 Service': service,
  'v1 ServiceAccount': serviceAccount,
  'networking.k8s.io/v1 Ingress': ingress,
  'networking.k8s.io/v1 NetworkPolicy': networkPolicy,
  'policy/v1 PodDisruptionBudget': disruptionBudget,
  ...operatorSchemas(),
};

export function checkSchemas(objects: readonly KubeObject[]): Finding[] {
  return objects.flatMap((object) => {
    const validate = SCHEMAS[`${object.apiVersion} ${object.kind}`];
    if (validate === undefined)
      return [{ object: nameOf(object), path: 'kind', problem: `no ${object.apiVersion} ${object.kind} is known` }];
    return [...breachesOf(object, validate), ...unknownFieldsOf(object, validate)];
  });
}

function breachesOf(object: KubeObject, validate: Validate): Finding[] {
  try {
    runValidateFunc(validate as ValidateFunc<unknown>, object);
    return [];
  } catch (error) {
    const errors = (error as { readonly errors?: readonly { instancePath: string; message?: string }[] }).errors;
    if (errors === undefined) throw error;
    return errors.map(({ instancePath, message }) => ({
      object: nameOf(object),
      path: instancePath.slice(1).replaceAll('/', '.'),
      problem: message ?? 'is not valid',
    }));
  }
}

/**
 * The schemas name fields and forbid no others, while the API server refuses a field that it does not know. A validator asks for every
 * field that its schema names, so those that were never asked for are unknown.
 */
function unknownFieldsOf(object: KubeObject, validate: Validate): Finding[] {
  const asked = new WeakMap<object, Set<string>>();
  validate(watched(object, asked));
  const findings: Finding[] = [];
  const walk = (tree: Tree, path: readonly string[]): void => {
    if (typeof tree !== 'object' || tree === null) return;
    for (const [field, value] of Object.entries(tree)) {
      const here = [...path, field];
      if (asked.get(tree)?.has(field) === true) walk(value, here);
      else findings.push({ object: nameOf(object), path: here.join('.'), problem: 'the API knows no such field' });
    }
  };
  walk(object, []);
  return findings;
}

/** What was asked of a part counts, whichever of several schemas asked. */
function watched(tree: Tree, asked: WeakMap<object, Set<string>>): Tree {
  if (typeof tree !== 'object' || tree === null) return tree;
  const fields = asked.get(tree) ?? new Set();
  asked.set(tree, fields);
  return new Proxy(tree, {
    get: (target, field) => {
      if (typeof field === 'string') fields.add(field);
      return watched(Reflect.get(target, field), asked);
    },
  });
}
