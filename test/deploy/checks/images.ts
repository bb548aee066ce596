// One image for everything of ours, of a version that says which; and a Job that has the name of it.
import { type Finding, nameOf, type Rendered } from '../kube.js';
import { containersOf, passbooksOf } from '../pods.js';

export function checkImages(rendered: Rendered): Finding[] {
  const ours = passbooksOf(rendered);
  const image: string = ours.find(({ workload }) => workload.object.kind === 'Deployment')?.container.image ?? '';
  const release = tagOf(image);
  return [
    ...containersOf(rendered).flatMap(({ container, at }) => {
      const tag = tagOf(container.image);
      const says = tag !== undefined && tag !== 'latest';
      return says ? [] : [{ ...at, path: `${at.path}.image`, problem: `${container.image} names no version` }];
    }),
    ...ours
      .filter(({ container }) => container.image !== image)
      .map(({ container, at }) => ({ ...at, path: `${at.path}.image`, problem: `${container.image} is not ${image}` })),
    ...ours.flatMap(({ workload: { object } }) =>
      object.kind !== 'Job' || object.metadata.name.endsWith(`-${release}`)
        ? []
        : [{ object: nameOf(object), path: 'metadata.name', problem: `does not name the release ${release}` }],
    ),
  ];
}

function tagOf(image: string): string | undefined {
  return /:([\w.-]+)$/.exec(image)?.[1];
}
