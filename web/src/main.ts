import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { handleKey } from '$lib/keys.svelte';
import { theme } from '$lib/theme.svelte';

theme.start();
addEventListener('keydown', handleKey);
// A page kept open over an update asks for parts that are gone; one reload brings the new ones.
addEventListener('vite:preloadError', (event) => {
  event.preventDefault();
  location.reload();
});

const target = document.getElementById('app');
if (target) mount(App, { target });
