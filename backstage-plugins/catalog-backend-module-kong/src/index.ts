export { catalogModuleKong as default } from './catalogModuleKong';
