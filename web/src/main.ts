import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { handleKey } from '$lib/keys.svelte';
import { theme } from '$lib/theme.svelte';

theme.start();
addEventListener('keydown', handleKey);

const target = document.getElementById('app');
if (target) mount(App, { target });
