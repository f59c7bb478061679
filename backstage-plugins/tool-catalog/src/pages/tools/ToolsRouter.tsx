import { Route, Routes } from 'react-router-dom';
import { ToolPage } from './ToolPage';
import { ToolsPage } from './ToolsPage';

export const ToolsRouter = () => (
  <Routes>
    <Route path="/" element={<ToolsPage />} />
    <Route path=":server/:tool" element={<ToolPage />} />
  </Routes>
);
