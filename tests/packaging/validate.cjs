// Validates Kubernetes objects, a JSON array on standard input, against the schemas of Kubernetes and of the Prometheus operator.
// Prints a line for each that is wrong.
const {readFileSync} = require('fs');

for (const object of JSON.parse(readFileSync(0, 'utf8'))) {
  const models = object.apiVersion.startsWith('monitoring.coreos.com/') ? '@kubernetes-models/prometheus-operator' : 'kubernetes-models';
  const name = `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`;
  try {
    const Model = require(`${models}/${object.apiVersion}`)[object.kind];
    new Model(object).validate();
  } catch (error) {
    console.log(`${name}: ${error.message}`);
  }
}
